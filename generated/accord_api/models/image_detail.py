from typing import Literal

ImageDetail = Literal["auto", "high", "low"] | str
"""How closely to look. The default is `auto`.

Servers may know members that are not named here; they are read as they come.
"""
