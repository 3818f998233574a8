/// Tests of io.steward.sandbox.tool.
@NullMarked
package io.steward.sandbox.tool;

import org.jspecify.annotations.NullMarked;
