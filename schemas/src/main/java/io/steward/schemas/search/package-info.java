/// The tool `web_search`, whoever searches: what is asked, what may be shown of what was found, and
/// what the model reads. Pure but for the port itself.
@NullMarked
package io.steward.schemas.search;

import org.jspecify.annotations.NullMarked;
