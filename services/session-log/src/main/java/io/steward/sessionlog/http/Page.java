package io.steward.sessionlog.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One page of a list that is read forward.
///
/// @param nextPage cursor of the next page, or null on the last one
public record Page<T>(
    List<T> data, @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable String nextPage) {}
