/// Tests of what becomes of an upstream's answers.
@NullMarked
package io.steward.agentconfig.models;

import org.jspecify.annotations.NullMarked;
