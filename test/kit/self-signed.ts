/** A certificate for `localhost` that nobody vouches for, with its key: for tests of what is not trusted. */
export const selfSigned = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQglJ1+xJhndIE8OafB
jVIhi3t/ZQst8N4ZD9zZTGYB7rChRANCAATXOwhJWbovSQ7GC3FojLfrdDiEWURG
oQ0lmUYex3bny5aCSOwOa4RNpbsfMeil7IUd1P7m6iW+4smcxA5QiuKT
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBfzCCASWgAwIBAgIUJ3Ejo1EWkjg+lZKFtsDgiEILT2swCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNzEyNTgzMFoYDzIxMjYxMTAz
MTI1ODMwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATXOwhJWbovSQ7GC3FojLfrdDiEWURGoQ0lmUYex3bny5aCSOwOa4RN
pbsfMeil7IUd1P7m6iW+4smcxA5QiuKTo1MwUTAdBgNVHQ4EFgQUpSfwWigNTQVB
qanskC//VEf2teEwHwYDVR0jBBgwFoAUpSfwWigNTQVBqanskC//VEf2teEwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEA+O2DjjY0OjDi5aKqIw0I
AizpGDib8tKWV7+fBnWxcTwCIGjNabQrvmJauVJ/THYmLsElEMWS+Q/7az1hJavt
UwFB
-----END CERTIFICATE-----
`,
};
