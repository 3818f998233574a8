/// Seals secrets that arrive here for vault-proxy, which alone can open them. A secret is kept no
/// longer than its request takes, and nothing here prints one.
@NullMarked
package io.steward.sessionlog.secret;

import org.jspecify.annotations.NullMarked;
