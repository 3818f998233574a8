/// The work API of self-hosted environments: what workers poll, hold and end, and who they are.
@NullMarked
package io.steward.sessionlog.worker;

import org.jspecify.annotations.NullMarked;
