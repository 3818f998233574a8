package io.steward.schemas.event;

/// Where the bytes of a file of the Files API are that a session was given. The blob is the
/// session's own copy: it lives as long as the session, whatever becomes of the file.
///
/// @param blobKey key in the blob store
/// @param mediaType as the file's metadata say
/// @param sizeBytes from 0
public record Attachment(String blobKey, String filename, String mediaType, long sizeBytes) {}
