/// What agents do outside of their sandboxes: tools of MCP servers and pages of the web, on
/// loopback.
@NullMarked
package io.steward.e2e.egress;

import org.jspecify.annotations.NullMarked;
