/// Tokens of MCP servers, against real servers and a real database.
@NullMarked
package io.steward.vaultproxy.oauth;

import org.jspecify.annotations.NullMarked;
