/// What a session is given besides its messages: files, as copies of its own, and repositories,
/// whose tokens go sealed to vault-proxy. Reading a request is apart from finding what it names,
/// and that from making it. Source: contract/core.md §6.
@NullMarked
package io.steward.sessionlog.resource;

import org.jspecify.annotations.NullMarked;
