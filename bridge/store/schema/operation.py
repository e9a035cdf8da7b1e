"""What the running programs tell about themselves; the one table of no company."""

from __future__ import annotations

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from bridge.store.schema.base import Base, Instant


class WorkerBeat(Base):
    """A worker's last sign of life; rows of workers that ended are removed after a while."""

    __tablename__ = "worker_beats"

    owner: Mapped[str] = mapped_column(Text, primary_key=True)
    at: Mapped[Instant]
