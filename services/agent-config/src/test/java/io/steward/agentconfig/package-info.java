/// Tests of the settings and of the layering of the whole service.
@NullMarked
package io.steward.agentconfig;

import org.jspecify.annotations.NullMarked;
