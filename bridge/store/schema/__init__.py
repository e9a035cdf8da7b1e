"""Hold the tables, one module per owner of their meaning.

`crm` holds what the CRM owns, `dav` what CalDAV adds, `access` who may do what, `google` what the
sync remembers, `operation` what programs tell of themselves. Every table of a tenant's data carries
`company_id` (design decision 8).
"""

from bridge.store.schema import access, crm, dav, google, operation
from bridge.store.schema.base import Base, metadata

__all__ = ["Base", "access", "crm", "dav", "google", "metadata", "operation"]
