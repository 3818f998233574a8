/// Secrets at rest: encrypted rows that name the session and the one host a secret may be sent to.
@NullMarked
package io.steward.vaultproxy.secret;

import org.jspecify.annotations.NullMarked;
