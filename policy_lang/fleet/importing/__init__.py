"""Device documents to one typed Parquet file: `policy fleet import`.

The devices are read twice, in batches of bounded memory. The first reading finds which properties there are and what their values
are; a schema that declares everything saves it. The second reading decodes each property with the decoders that policies use
(`policy_lang.types.decode`), a column of a batch at a time.

`sources` finds the bytes, `records` cuts them into documents, `parsing` makes devices of these and `rejects` keeps what is none.
`profile` and `inference` choose the types, `decoding` fills the columns, `target` puts the file in place, `importer` runs all that.
"""
