/// MCP servers as tools of an agent: real servers on loopback, called by vault-proxy.
@NullMarked
package io.steward.e2e.mcp;

import org.jspecify.annotations.NullMarked;
