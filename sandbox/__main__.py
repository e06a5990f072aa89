"""`python -m sandbox`: the LMS in a box, on this machine only."""

from __future__ import annotations

import sys
import threading

from sandbox import settings
from sandbox.serve import servers


def main() -> None:
    """Serve until interrupted."""
    chosen = settings.read(sys.argv[1:])
    platforms = chosen.platforms()
    first, *others = [http for one in platforms for http in servers(one, chosen.port)]
    for http in others:
        threading.Thread(target=http.serve_forever, daemon=True).start()
    for platform in platforms:
        print(f"{platform.profile.title}: {platform.base_url}", flush=True)
    try:
        first.serve_forever()
    except KeyboardInterrupt:
        first.server_close()


if __name__ == "__main__":
    main()
