/// The models that can be used: `/v1/models` asks the configured upstream and gives its answer the
/// form clients rely on.
@NullMarked
package io.steward.agentconfig.models;

import org.jspecify.annotations.NullMarked;
