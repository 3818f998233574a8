/// The models that can be used: the catalog, read once at start, and `/v1/models`, which shows it.
@NullMarked
package io.steward.agentconfig.models;

import org.jspecify.annotations.NullMarked;
