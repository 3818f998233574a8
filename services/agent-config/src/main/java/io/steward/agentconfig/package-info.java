/// The service that knows what agents and environments are. This package holds only its settings;
/// each feature has a package of its own.
@NullMarked
package io.steward.agentconfig;

import org.jspecify.annotations.NullMarked;
