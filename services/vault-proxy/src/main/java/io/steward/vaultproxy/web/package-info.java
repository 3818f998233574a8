/// The tool `web_fetch`: gets a page of the web and makes text of it. Everything a server sends is
/// hostile until it is text, and every limit has a name in [WebLimits].
@NullMarked
package io.steward.vaultproxy.web;

import org.jspecify.annotations.NullMarked;
