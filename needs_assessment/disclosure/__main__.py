"""The disclosure gate by itself: `python -m needs_assessment.disclosure protect FILE.json` and `… attack FILE.json`."""

from __future__ import annotations

import click

from needs_assessment.disclosure.audit.attack_files import attack
from needs_assessment.disclosure.table_files import protect


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Try the engine of the disclosure gate on tables and sums of your own.

    \b
    Examples:
      python -m needs_assessment.disclosure protect tables.json
      python -m needs_assessment.disclosure attack statements.json
    """


main.add_command(protect)
main.add_command(attack)

if __name__ == "__main__":
    main(prog_name="python -m needs_assessment.disclosure")
