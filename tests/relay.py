"""On a host of a test network: what connects to this host's own PORT is passed on to the same port at HOST.

A letter may only go unencrypted to a server on its own machine; so each host has this one. `python -m tests.relay …`.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import closing, suppress


async def relay(host: str, port: int) -> None:
    """Pass on whatever comes, for ever."""

    async def passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(host, port)
        await asyncio.gather(poured(reader, back), poured(there, writer))

    async with await asyncio.start_server(passed_on, "127.0.0.1", port) as server:
        await server.serve_forever()


async def poured(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Everything that comes from one side goes to the other, and then its end."""
    with closing(target), suppress(OSError):
        while some := await source.read(65_536):
            target.write(some)
            await target.drain()


if __name__ == "__main__":
    asyncio.run(relay(sys.argv[1], int(sys.argv[2])))
