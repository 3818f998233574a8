/// Placeholders and secrets: what of a request is replaced or signed on its way out, and what of an
/// answer is replaced on its way back. Pure: bytes in, bytes out. No text of a secret is in any
/// message or `toString`.
@NullMarked
package io.steward.vaultproxy.inject;

import org.jspecify.annotations.NullMarked;
