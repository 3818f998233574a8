/// Tests of how requests are read and cursors are made.
@NullMarked
package io.steward.agentconfig.http;

import org.jspecify.annotations.NullMarked;
