/// The harness as a program: its configuration, its life and its health.
@NullMarked
package io.steward.harness;

import org.jspecify.annotations.NullMarked;
