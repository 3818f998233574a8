/// Tests of what clients see of the catalog.
@NullMarked
package io.steward.agentconfig.models;

import org.jspecify.annotations.NullMarked;
