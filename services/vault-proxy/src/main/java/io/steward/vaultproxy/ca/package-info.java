/// The installation's own certificate authority, which sandboxes trust and nothing else should. It
/// signs the certificates with which the proxy answers for hosts a secret is bound to.
@NullMarked
package io.steward.vaultproxy.ca;

import org.jspecify.annotations.NullMarked;
