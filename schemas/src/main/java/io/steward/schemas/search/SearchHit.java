package io.steward.schemas.search;

/// One page that was found, as a foreign server tells of it.
///
/// @param excerpt what the page says about the query; may be empty
public record SearchHit(String url, String title, String excerpt) {}
