/// Messages of HTTP on their way through the proxy: how strictly they are read, and how they are
/// written anew, with secrets in and secrets out.
@NullMarked
package io.steward.vaultproxy.message;

import org.jspecify.annotations.NullMarked;
