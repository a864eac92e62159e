/** JSON as bytes: the framework then leaves the media type as it is, without a charset that some clients do not expect. */
export const bytes = (body: object): Buffer => Buffer.from(JSON.stringify(body));
