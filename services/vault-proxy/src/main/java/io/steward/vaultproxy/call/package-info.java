/// Calls that leave this installation, each at most once: a row is committed before the first byte
/// of a call leaves, and a known id never runs again (architecture §5). What a call does, others
/// know.
@NullMarked
package io.steward.vaultproxy.call;

import org.jspecify.annotations.NullMarked;
