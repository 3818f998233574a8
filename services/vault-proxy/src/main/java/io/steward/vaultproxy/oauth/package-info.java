/// Access tokens of MCP servers: finding the one to use, having it replaced before it ends or when
/// a server does not take it, and finding out whether a credential works. No token is ever part of
/// a log line, an exception or a sentence.
@NullMarked
package io.steward.vaultproxy.oauth;

import org.jspecify.annotations.NullMarked;
