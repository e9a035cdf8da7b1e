"""Hold the tables, one module per owner of their meaning.

`crm` holds what the CRM owns, `dav` what CalDAV adds, `access` who may do what, `google` what the
sync remembers. Every table carries `company_id` (design decision 8).
"""

from bridge.store.schema import access, crm, dav, google
from bridge.store.schema.base import Base, metadata

__all__ = ["Base", "access", "crm", "dav", "google", "metadata"]
