/// The tool `web_search`: asks the operator's SearXNG instance. What it answers comes from anywhere
/// in the web, so it is bounded here, and what the model reads of it by `SearchTool`.
@NullMarked
package io.steward.vaultproxy.search;

import org.jspecify.annotations.NullMarked;
