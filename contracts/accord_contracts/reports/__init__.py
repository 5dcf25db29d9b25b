"""Reports: what a run found, for people and for programs. Each module is one view of a `Report`."""
