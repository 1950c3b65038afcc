"""What every part of the settings is: as the file says it, once and for all, with no key that is not known."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Seconds = Annotated[float, Field(gt=0, le=3600)]


class Edge(BaseModel):
    """A part of the settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")
