/// Calls models. [ModelClient] is the port; each protocol has a package of its own, and `provider`
/// chooses among them. A call runs on the virtual thread that makes it; interrupting the thread
/// closes the connection at once. Replies of every provider come as content blocks of the Messages
/// API, which is what the log keeps.
@NullMarked
package io.steward.harness.model;

import org.jspecify.annotations.NullMarked;
