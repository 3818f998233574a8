/// Figures against targets, as Markdown, JSON and plots.
@NullMarked
package io.steward.bench.report;

import org.jspecify.annotations.NullMarked;
