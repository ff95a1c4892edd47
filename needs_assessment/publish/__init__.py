"""From a release to published pages: notebooks run, checked, exported and set into a site."""

from __future__ import annotations
