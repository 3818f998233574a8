/// How messages reach an MCP server and come back: a transport for the MCP SDK that connects to
/// checked addresses only. Everything a server sends is hostile: it is bounded, and what goes on
/// from here holds no token that was sent there.
@NullMarked
package io.steward.vaultproxy.transport;

import org.jspecify.annotations.NullMarked;
