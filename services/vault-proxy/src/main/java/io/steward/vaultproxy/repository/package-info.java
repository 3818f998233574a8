/// Cloning repositories for sessions: what may be cloned, one process per clone, the archive in the
/// blob store, the answer.
@NullMarked
package io.steward.vaultproxy.repository;

import org.jspecify.annotations.NullMarked;
