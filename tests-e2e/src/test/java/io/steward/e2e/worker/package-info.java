/// Workers of self-hosted environments: the official TypeScript SDK's, unmodified, and what their
/// keys and tokens open.
@NullMarked
package io.steward.e2e.worker;

import org.jspecify.annotations.NullMarked;
