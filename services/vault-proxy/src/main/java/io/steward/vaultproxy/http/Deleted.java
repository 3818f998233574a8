package io.steward.vaultproxy.http;

/// What a delete answers.
record Deleted(String id, String type) {}
