/** The version of the OCI runtime specification our configs follow. */
export const OCI_VERSION = '1.2.0';
