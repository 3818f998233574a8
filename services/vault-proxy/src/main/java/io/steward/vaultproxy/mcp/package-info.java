/// Tools of MCP servers: asked for, called, and made records of. What is offered to a model and
/// what a model reads is decided here, bounded; how messages reach a server, `transport` knows.
@NullMarked
package io.steward.vaultproxy.mcp;

import org.jspecify.annotations.NullMarked;
