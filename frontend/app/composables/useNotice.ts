import { useState } from '#imports'

/** A sentence that one page leaves for the next one to show; empty when there is none. It does not outlive the document. */
export const useNotice = () => useState('notice', () => '')
