"""`python -m sandbox`: the LMS in a box, on this machine only."""

from __future__ import annotations

import sys

from sandbox import settings
from sandbox.serve import server


def main() -> None:
    """Serve until interrupted."""
    chosen = settings.read(sys.argv[1:])
    http = server(chosen.platform(), chosen.port)
    print(f"The sandbox is at {chosen.base_url}", flush=True)
    try:
        http.serve_forever()
    except KeyboardInterrupt:
        http.server_close()


if __name__ == "__main__":
    main()
