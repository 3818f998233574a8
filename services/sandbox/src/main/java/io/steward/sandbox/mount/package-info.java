/// Shows a session what came from outside: files, read-only, and repositories, once. What is there
/// is remembered in the service's part of the session directory.
@NullMarked
package io.steward.sandbox.mount;

import org.jspecify.annotations.NullMarked;
